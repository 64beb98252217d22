// The draw of tactful.reckon.chance in JavaScript; `node chance.js chance.json` exits 1 if any vector differs.
"use strict";
const { createHash } = require("node:crypto");
const { readFileSync } = require("node:fs");

const WORD = (1n << 64n) - 1n;

function hashWord(text) {
  return createHash("sha256").update(text, "utf8").digest().readBigUInt64BE(0);
}

function mix(z) {
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & WORD;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & WORD;
  return z ^ (z >> 31n);
}

function draw(customerKey, point, purpose, salt) {
  let state = 0n;
  for (const word of [BigInt.asUintN(64, customerKey), hashWord(point), hashWord(purpose), hashWord(salt)]) {
    state = mix(((state ^ word) + 0x9e3779b97f4a7c15n) & WORD);
  }
  return state >> 12n;
}

module.exports = { draw, hashWord };

if (require.main === module) {
  const { vectors } = JSON.parse(readFileSync(process.argv[2], "utf8"));
  const wrong = vectors.filter(
    (v) => draw(BigInt(v.customer_key), v.point, v.purpose, v.salt) !== BigInt(v.draw),
  );
  console.log(`${vectors.length - wrong.length} of ${vectors.length} vectors agree`);
  process.exit(wrong.length || !vectors.length ? 1 : 0);
}

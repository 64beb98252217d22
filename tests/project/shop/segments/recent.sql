-- title: Ordered lately
SELECT customer_id
FROM profiles
WHERE days_since_order < 14 -- two weeks

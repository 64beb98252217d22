"""Only the first part of the job with pandas: read the lines, recency, frequency, money and top range per customer."""

import json
import sys
import time

import pandas as pd

lines, catalogue = sys.argv[1:3]
begun = time.perf_counter()
frame = pd.read_parquet(lines)
ranges = pd.read_csv(catalogue, dtype={"item_id": str})[["item_id", "range"]]
frame = frame[frame["CustomerID"].notna() & (frame["Quantity"] > 0)]
frame["item_id"] = frame["StockCode"].str.upper()
frame["value"] = frame["Quantity"] * frame["UnitPrice"]
customers = frame.groupby("CustomerID").agg(
    last=("InvoiceDate", "max"), orders=("InvoiceNo", "nunique"), spent=("value", "sum")
)
by_range = frame.merge(ranges, on="item_id").groupby(["CustomerID", "range"], as_index=False)["Quantity"].sum()
top = by_range.sort_values(["CustomerID", "Quantity", "range"]).groupby("CustomerID").tail(1)
print(
    json.dumps(
        {
            "seconds": time.perf_counter() - begun,
            "rows": len(frame),
            "customers": len(customers),
            "with_range": len(top),
            "version": pd.__version__,
        }
    )
)

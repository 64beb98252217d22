"""The channels through which parcels leave, one file each."""

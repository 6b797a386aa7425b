"""One store for all faces: blobs by their digest, a record for each version of a chart, written last."""

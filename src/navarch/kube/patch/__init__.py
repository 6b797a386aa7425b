"""The difference between two objects as a request body: strategic merge patches, JSON merge patches, managedFields."""

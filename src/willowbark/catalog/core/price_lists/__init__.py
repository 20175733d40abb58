"""Files of suppliers and of labels: read, mapped, and compared with the catalog. Nothing is written."""

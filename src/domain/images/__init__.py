"""Images: uploading, inspecting, storing, finding and deleting them."""

"""Amazon EventBridge: publishes changes to other systems."""

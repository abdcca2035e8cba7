"""Amazon EventBridge: tells others what changed."""

"""What the pipelines share: environments, storage, tracking, registry, XCom, notifications."""

"""Reading registers. Every query writes its own scope (a school, a pupil); which rows there are at all is the row policy's business."""

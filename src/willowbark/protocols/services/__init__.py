"""What can be done with protocols: one module a group of verbs."""

"""What must never leave: nothing to the network, no hidden value to anybody."""

"""HubSpot's dialect of the simulator: a stateful portal on localhost."""

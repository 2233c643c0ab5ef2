"""What the end-to-end tests are made of: servers, worker processes, requesters, a store's client, faults."""

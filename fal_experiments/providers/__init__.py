"""One adapter a service. Adapters meet the rest of the program only through core.ports."""

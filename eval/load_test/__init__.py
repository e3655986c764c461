"""How the server, the index and the verification hold under load."""

__all__ = ["chat_clients", "clients", "index_updates", "verification_time"]

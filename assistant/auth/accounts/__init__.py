"""Who is known: users, API keys and embedding sites, their secrets, and the database that keeps them."""

__all__ = ["access_database", "api_keys", "credentials", "identity", "origins", "sites", "users"]

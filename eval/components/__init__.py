"""Which component does the work: each search signal, each feature, the reranker off and on."""

__all__ = ["ablation", "component_study", "component_tables", "signal_rankings"]

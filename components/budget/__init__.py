"""Budget of an account, and somebody who is told before the invoice does."""

from components.budget.component import Budget, BudgetArgs

__all__ = ["Budget", "BudgetArgs"]

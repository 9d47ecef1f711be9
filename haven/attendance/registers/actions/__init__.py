"""Actions on registers: each is one function, in one transaction, with its audit event.

Source: SI 2024/208 regulation 10, and the rule that each changed mark keeps original, amended, reason, who and when.
"""

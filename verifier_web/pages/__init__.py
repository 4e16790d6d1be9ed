"""The pages, one file per subject: what is shown, what is posted, and what is shown again."""

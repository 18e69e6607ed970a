"""A person's own data in: a trained model, a report and predictions out."""

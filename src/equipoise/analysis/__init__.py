"""What results mean: plans, moments, comparisons. Pure; needs numpy and scipy alone."""

"""Training: the six stages, and everything around them.

1. Initialization: ``core/build.py`` draws the initial weights.
2. Forward propagation, 3. loss, 4. backpropagation, 5. weight update: ``step.py``.
6. Iterate until convergence: ``epoch.py`` inside one compiled program, ``fit.py`` around it.
"""

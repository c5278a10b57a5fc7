"""Runs build123d programs in forked workers and tells the host what they made.

Kept nearly empty: a program must not be able to see more of us than it has to.
"""

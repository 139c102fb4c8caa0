//! Simulation of whole systems, decided by one number.

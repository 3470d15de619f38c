"""The observation of Vigie itself, on each machine that carries a part of it."""

"""What independent checkers say of the residents' pages: `make audit`, docs/accessibility.md. No part of the suite."""

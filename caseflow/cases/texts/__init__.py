"""Standard texts, macros, and the fixed words of mails and letters."""

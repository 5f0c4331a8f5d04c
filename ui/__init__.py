"""What every role shows the same way: pages (`web`), command lines (`cli`), words (`words`). Imports credkit only."""

"""What several tests share: Helm's engine beside ours, and a grammar that makes templates by chance."""

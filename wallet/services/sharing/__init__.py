"""What leaves and comes back outside the protocol: bundles, links, paper, exports, receipts, practice."""

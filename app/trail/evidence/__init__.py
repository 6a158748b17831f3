"""What a court is shown of a record: each step with its proof and its place in the chain, the papers, the seal."""

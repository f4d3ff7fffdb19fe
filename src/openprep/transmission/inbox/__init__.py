"""The centre's side: what comes in, checked, judged and recorded."""

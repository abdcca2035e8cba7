"""Types that accounts and images share."""

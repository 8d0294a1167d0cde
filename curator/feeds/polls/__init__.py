"""How asking feeds went: the ledger of polls, hosts that are held or just being asked, addresses that feeds had."""

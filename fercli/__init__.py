"""fercli: experiments in facial affect whose numbers can be traced and repeated."""

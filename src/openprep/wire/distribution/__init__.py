"""What centre and publishers say to each other: requests, packages, enrolment."""

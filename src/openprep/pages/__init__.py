"""The pages that read without JavaScript, rendered from verified figures by the installed kit."""

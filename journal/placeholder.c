/* placeholder until the real files are here */ typedef int journal_placeholder;

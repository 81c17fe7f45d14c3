/* placeholder until the real files are here */ typedef int snapshots_placeholder;

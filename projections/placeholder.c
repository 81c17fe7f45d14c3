/* placeholder until the real files are here */ typedef int projections_placeholder;

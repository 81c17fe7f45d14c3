/* placeholder until the real files are here */ typedef int api_placeholder;

/* placeholder until the real files are here */ typedef int proto_placeholder;

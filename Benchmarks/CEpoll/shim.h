// Swift's Glibc module leaves epoll out.
#pragma once
#include <sys/epoll.h>

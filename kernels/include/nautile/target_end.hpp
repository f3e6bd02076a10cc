#if NTL_ISA != 0
#pragma GCC pop_options
#endif

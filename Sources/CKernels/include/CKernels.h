// The vector loops that BLAS lacks. Plain C, vectorised by the compiler, no state, no allocation.
#pragma once

// The program: everything is in the platform's run().

#include "web/platform/run.h"

int main(int count, char** arguments) {
    return kubewalk::platform::run(count, arguments);
}

package example.handover.record;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.narrative2.NullNarrativeGenerator;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.IncomingRequestAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import java.util.List;
import java.util.Set;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What is served at /fhir, and what is refused at the door. */
@Configuration
public class WebConfig {

    @Bean
    public RestfulServer restfulServer(
            Settings settings,
            IFhirSystemDao<?, ?> system,
            IJpaSystemProvider systemProvider,
            ResourceProviderFactory resources,
            JpaStorageSettings storage,
            ISearchParamRegistry searchParameters,
            IValidationSupport definitions,
            DatabaseBackedPagingProvider paging) {
        FhirContext fhir = system.getContext();
        fhir.setNarrativeGenerator(new NullNarrativeGenerator());
        RestfulServer server = new RestfulServer(fhir);
        server.registerProviders(resources.createProviders());
        server.registerProvider(systemProvider);
        server.setServerConformanceProvider(
                new JpaCapabilityStatementProvider(server, system, storage, searchParameters, definitions));
        server.setPagingProvider(paging);
        server.setDefaultResponseEncoding(EncodingEnum.JSON);
        server.setDefaultPrettyPrint(false);
        // The next-page links name the address that the caller used, a proxy's included.
        server.setServerAddressStrategy(new IncomingRequestAddressStrategy());
        if (!settings.text("if-match.required").isEmpty()) {
            server.registerInterceptor(new IfMatchRequired(Set.of(settings.text("if-match.required").split("\\s*,\\s*"))));
        }
        if (settings.yes("requests.validated")) {
            server.registerInterceptor(baseDefinitions(fhir));
        }
        return server;
    }

    /** Refuses, with 422 and the reasons, what the base R4 definitions call an error. */
    private static RequestValidatingInterceptor baseDefinitions(FhirContext fhir) {
        // SNOMED CT, dm+d and the NHS's own systems are not shipped: their codes can't be checked
        // here, which is a warning and no error. Whatever base R4 defines is checked in full.
        FhirInstanceValidator validator = new FhirInstanceValidator(new ValidationSupportChain(
                new DefaultProfileValidationSupport(fhir),
                new CommonCodeSystemsTerminologyService(fhir),
                new InMemoryTerminologyServerValidationSupport(fhir),
                new SnapshotGeneratingValidationSupport(fhir)));
        validator.setAnyExtensionsAllowed(true);
        validator.setErrorForUnknownProfiles(false);
        validator.setNoTerminologyChecks(false);
        RequestValidatingInterceptor interceptor = new RequestValidatingInterceptor();
        interceptor.setValidatorModules(List.of(validator));
        interceptor.setFailOnSeverity(ResultSeverityEnum.ERROR);
        interceptor.setAddResponseHeaderOnSeverity(ResultSeverityEnum.FATAL);
        return interceptor;
    }
}
